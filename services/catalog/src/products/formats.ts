/** The pattern of a handle: letters and digits of any script, as in Shopify. After the first character also marks, `_` and `-`. */
export const HANDLE = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u

/** Converts a handle to its stored form: lower case and NFC. NFC comes last, because lower case can separate a letter from its mark. */
export const canonicalHandle = (text: string) => text.toLowerCase().normalize('NFC')

/** Returns true for the URL of an image on the web, and for a URL relative to the folder of the shop's images. */
export const isImageAddress = (text: string) =>
  ['https:', 'http:'].includes(URL.parse(text, 'https://relative.invalid/')?.protocol ?? '')
