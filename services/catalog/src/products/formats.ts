/** The characters of a handle: letters and digits of any script, as Shopify allows, and after the first also marks, `_` and `-`. */
export const HANDLE = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u

/** Converts a handle to the form that is stored: lower case and NFC. NFC comes last, because lower case can leave a letter and its mark apart. */
export const canonicalHandle = (text: string) => text.toLowerCase().normalize('NFC')

/** Returns true for an address on the web, and for one that is relative to the place of our images. */
export const isImageAddress = (text: string) =>
  ['https:', 'http:'].includes(URL.parse(text, 'https://relative.invalid/')?.protocol ?? '')
