import type { WordCount } from './schemas.ts'

/** How many words, separated by white space, and how many characters (Unicode code points) a text has. */
export function countWords(text: string): WordCount {
  return { words: text.match(/\S+/g)?.length ?? 0, characters: [...text].length }
}
