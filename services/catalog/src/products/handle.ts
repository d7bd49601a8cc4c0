/** The characters of a handle: letters and digits of any script, as Shopify allows; then marks, `_` and `-` too. */
export const HANDLE = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u

/** A handle as it is kept. Lower-casing may leave a letter and a mark that are one letter together, so NFC comes last. */
export const canonicalHandle = (text: string) => text.toLowerCase().normalize('NFC')
