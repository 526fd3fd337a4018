/** What keys begin with, and the characters that follow: base62, 190 bits. */
export const KEY_PREFIX = 'ph_'
export const KEY_CHARS = 32
export const KEY_PATTERN = `${KEY_PREFIX}[0-9A-Za-z]{${KEY_CHARS}}`

const whole = new RegExp(`^${KEY_PATTERN}$`)
/** Whether a text has the form of a key. */
export const isKey = (text: string): boolean => whole.test(text)
