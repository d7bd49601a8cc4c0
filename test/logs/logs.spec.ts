import assert from 'node:assert/strict'
import { type DebugStack, START_LIMIT, startDebugStack } from './debug-stack.ts'
import { playEverything } from './everything.ts'
import { plant } from './planted.ts'

describe('the logs of services, stores, the load and the runner', function () {
  this.timeout(2 * START_LIMIT)
  const planted = plant()
  const usualFetch = globalThis.fetch
  let debug: DebugStack
  before(async () => {
    debug = await startDebugStack()
    globalThis.fetch = async (...request) => {
      const answer = await usualFetch(...request)
      planted.addSecretsOf(await answer.clone().text())
      return answer
    }
  })
  after(async () => {
    globalThis.fetch = usualFetch
    await debug?.end()
  })

  it('have no e-mail, address, password, card, token or other secret of any journey', async () => {
    const { requests } = await playEverything(debug.stack, planted)
    assert.deepEqual({ limited: requests.limited, failed: requests.failed }, { limited: 0, failed: 0 })
    for (const secret of debug.secrets()) planted.add(secret)
    const logs = Object.entries(debug.logs())
    assert.deepEqual(
      logs.flatMap(([name, text]) => planted.findIn(name, text)),
      []
    )
    const withRequests = logs.filter(([, text]) => text.includes('"msg":"request"')).map(([name]) => name)
    assert.deepEqual(withRequests.toSorted(), debug.stack.services.map(({ name }) => `${name}.log`).toSorted())
  })
})

describe('the search for planted values', () => {
  it('finds a value as it is, in a URL and in base64, and names the log and its line', () => {
    const planted = plant()
    const { email, address } = planted.person
    const lines = ['nothing', `to ${email}`, encodeURIComponent(address.street), btoa(planted.password)]
    const found = planted.findIn('orders.log', lines.join('\n'))
    assert.deepEqual(
      found.map(finding => finding.split(': ').at(-1)),
      lines.slice(1)
    )
    assert.deepEqual(planted.findIn('orders.log', 'nothing'), [])
  })

  it('finds the secrets of answers', () => {
    const planted = plant()
    planted.addSecretsOf('{"accessToken":"token-1","id":"cus_1","secret":"secret-2"}')
    assert.equal(planted.findIn('cart.log', 'token-1\ncus_1\nsecret-2').length, 2)
  })
})
