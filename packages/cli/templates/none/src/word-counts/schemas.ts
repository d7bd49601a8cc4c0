import * as z from 'zod'

export const text = z.object({ text: z.string().max(16_384) })

export const wordCount = z.object({ words: z.int().min(0), characters: z.int().min(0) })

export type WordCount = z.infer<typeof wordCount>
