/* options_end.h -- include after the .def files: forgets the row macros. No include guard. */
#undef OPTION_TEXT
#undef OPTION_INT
#undef OPTION_INT_BY_PROFILE
#undef OPTION_BOOL
#undef OPTION_CHOICE
#undef OPTION_ROW
