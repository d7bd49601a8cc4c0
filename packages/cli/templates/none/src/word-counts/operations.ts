import { operation } from '@bulkhead/chassis/contract'
import { text, wordCount } from './schemas.ts'

/** Counts the words of a text. Stores nothing. */
export const createWordCount = operation({
  id: 'createWordCount',
  method: 'post',
  path: '/word-counts',
  summary: 'Count the words of a text',
  callers: ['public'],
  body: text,
  answers: { 200: { description: 'The counts', body: wordCount } }
})
