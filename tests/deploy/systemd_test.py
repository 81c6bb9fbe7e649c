"""The units: no word that systemd does not know, and a tight sandbox."""
import os
import re
import shutil
import tempfile
import unittest

from files import BIN, output, path, text

UNITS = ('duelpod-game@.service', 'duelpod-match@.service')
EXPOSURE_MAX = 1.5


class Units(unittest.TestCase):
    def test_systemd_has_nothing_to_say_against_them(self):
        """systemd-analyze prints what it does not understand and ends with 0 all the same."""
        with tempfile.TemporaryDirectory() as folder:
            for unit in UNITS:
                self.install(folder, unit)
                said = output('systemd-analyze', 'verify', '--man=no', os.path.join(folder, unit))
                self.assertEqual(said.strip(), '')

    def test_a_misspelt_word_would_be_found(self):
        with tempfile.TemporaryDirectory() as folder:
            place = self.install(folder, UNITS[0])
            with open(place, 'a', encoding='utf-8') as file:
                file.write('[Service]\nNoNewPrivilege=yes\n')
            self.assertIn('NoNewPrivilege', output('systemd-analyze', 'verify', '--man=no', place))

    def test_the_sandbox_is_tight(self):
        for unit in UNITS:
            said = output('systemd-analyze', 'security', '--offline=yes', path('systemd', unit))
            exposure = float(re.search(r'exposure level for \S+: ([0-9.]+)', said).group(1))
            self.assertLessEqual(exposure, EXPOSURE_MAX, said)

    @staticmethod
    def install(folder, unit):
        """A copy whose programs are the ones just built: systemd looks whether they are there."""
        binary = shutil.copy(os.path.join(BIN, unit.split('@')[0].replace('duelpod-', '') + '_server'), folder)
        place = os.path.join(folder, unit)
        with open(place, 'w', encoding='utf-8') as file:
            file.write(re.sub(r'/usr/local/bin/\w+_server', binary, text('systemd', unit)))
        return place
