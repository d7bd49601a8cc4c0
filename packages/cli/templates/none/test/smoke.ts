import { type Story, same } from '@bulkhead/testing/story'
import type { OpenTraffic, Sent } from '@bulkhead/testing/traffic'

const WIDGETS = '/api/v1/template/widgets'
// #if customer
const CALLER = { as: 'customer' } as const
// #end
// #if staff
// const CALLER = { as: 'staff' } as const
// #end
const body = { text: 'one two' }

/** The steps of `make smoke`. */
export const story: Story = ({ ask }) => [
  [
    'makes a widget of a text',
    async () => {
      // #if public
      // const answer = await ask(200, 'POST', WIDGETS, { body })
      // #else
      const answer = await ask(200, 'POST', WIDGETS, { ...CALLER, body })
      // #end
      same('the widget', { words: 2, characters: 7 }, answer.body)
    }
  ]
]

/** The load of `make test-cluster`. Nothing is stored, so there is nothing to check. */
// #if public
// export const traffic: OpenTraffic = async () => {
//   const count = (): Sent => ({ method: 'POST', path: WIDGETS, body, expected: [200] })
//   return { read: count, write: count, check: async () => [] }
// }
// #else
export const traffic: OpenTraffic = async ({ tokens }) => {
  const token = tokens[CALLER.as]
  const count = (): Sent => ({ method: 'POST', path: WIDGETS, token, body, expected: [200] })
  return { read: count, write: count, check: async () => [] }
}
// #end
