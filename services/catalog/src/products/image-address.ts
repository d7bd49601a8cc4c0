/** Whether a text is an address on the web, or one relative to where our images are kept. */
export const isImageAddress = (text: string) =>
  ['https:', 'http:'].includes(URL.parse(text, 'https://relative.invalid/')?.protocol ?? '')
