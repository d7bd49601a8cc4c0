import { type Story, same } from '@bulkhead/testing/story'

const WORD_COUNTS = '/api/v1/template/word-counts'

/** Counts a text. */
export const story: Story = ({ ask }) => [
  [
    'counts the words of a text',
    async () => {
      const { body } = await ask(200, 'POST', WORD_COUNTS, { body: { text: 'one two' } })
      same('the counts', { words: 2, characters: 7 }, body)
    }
  ]
]
