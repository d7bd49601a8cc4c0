import type { OpenTraffic, Sent } from '@bulkhead/testing/traffic'

const WORD_COUNTS = '/api/v1/template/word-counts'

/** Counts words. The service stores nothing, so there is nothing to check. */
export const traffic: OpenTraffic = async () => {
  const count = (): Sent => ({ method: 'POST', path: WORD_COUNTS, body: { text: 'one two' }, expected: [200] })
  return { read: count, write: count, check: async () => [] }
}
