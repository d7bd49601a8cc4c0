import * as z from 'zod'

/** Text of 1 to `most` UTF-16 units without outer white space. NUL and halves of surrogate pairs don't survive storing and exports. */
export const text = (most: number) => anyText(most).trim().min(1)

/** The same as it came, which may be empty. */
export const anyText = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\0\ud800-\udfff]*$/u, 'Must be well-formed text without NUL')
