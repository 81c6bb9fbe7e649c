// Section 9: the list of events. A field that is 0 is left out of the text, so 0 and absent are one.

export const EVENTS_MAX = 8192;

export function emit(b, kind, fields) {
    b.events.push({ t: b.now, k: kind, ...fields });
    if (b.events.length > EVENTS_MAX) b.overload = true;
    return b.events.length;
}
