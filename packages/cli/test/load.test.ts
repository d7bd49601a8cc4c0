import { deepEqual, equal, match } from 'node:assert/strict'
import { rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { httpServer } from '@bulkhead/testing/http-server'
import { liveBlock } from '../src/output/live-block.ts'
import { fixtureRepository } from './fixture.ts'
import { bulkhead } from './runner.ts'

const PRODUCT = { id: 'prd_1', variants: [{ sku: 'MUG', prices: [{ amount: 1_250, currency: 'EUR' }] }] }

describe('bulkhead load', () => {
  const root = fixtureRepository()
  after(() => rmSync(root, { recursive: true }))
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  /** Opens a gateway that routes to catalog only. `products` answers to lists of products. */
  async function gatewayOf(products: RequestListener) {
    const json =
      (value: unknown): RequestListener =>
      (_, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    const { url, stop } = await httpServer((request, response) => {
      const path = request.url!.split('?')[0]!
      if (path === '/openapi.json') json({ paths: { '/api/v1/catalog/products': {} } })(request, response)
      else if (path.endsWith('/categories')) json({ items: [] })(request, response)
      else if (path.endsWith('/prd_1')) json(PRODUCT)(request, response)
      else if (path.endsWith('/products')) products(request, response)
      else response.writeHead(404).end()
    })
    ends.push(stop)
    return url
  }

  const listed: RequestListener = (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items: [PRODUCT] }))

  async function load(...args: string[]) {
    const command = bulkhead(root, 4000, 'load', ...args)
    return { code: await command.ended, output: command.output() }
  }

  it('plays the journeys of the services that run until the time is over, and prints a summary', async () => {
    const url = await gatewayOf(listed)
    const { code, output } = await load('--url', url, '--rate', '20', '--duration', '1s')
    equal(code, 0, output)
    match(output, /^Playing 20 shoppers a second at http:\S+, all of them guests\n/)
    match(output, /^journeys {3}\d+ in \d+ s, 0 open: \d+ browsed$/m)
    match(output, /^requests {3}\d+ \(\S+\): \d+ ok, 0 limited \(429\), 0 failed$/m)
    match(output, /^product +\d+ +\S+ ms +\S+ ms$/m)
  })

  it('exits with 1 if too many requests failed, and counts the errors by kind', async () => {
    const url = await gatewayOf((_, response) => response.writeHead(503).end())
    const { code, output } = await load('--url', url, '--rate', '20', '--duration', '1s')
    equal(code, 1, output)
    match(output, /^ +\d+ {2}products: 503$/m)
    match(output, /^bulkhead: \S+ % of the requests failed, and 1 % may$/m)
    equal((await load('--url', url, '--rate', '20', '--duration', '1s', '--allow-failed', '100')).code, 0)
  })

  it('ends with its summary after Ctrl-C', async () => {
    const asked = Promise.withResolvers<void>()
    const url = await gatewayOf((request, response) => {
      asked.resolve()
      listed(request, response)
    })
    const command = bulkhead(root, 4000, 'load', '--url', url, '--rate', '20')
    await asked.promise
    process.kill(command.pid, 'SIGINT')
    equal(await command.ended, 0, command.output())
    match(command.output(), /^journeys .*left early/m)
  })

  for (const { args, problem } of [
    { args: ['--rate', '0'], problem: '--rate is "0". Give a number from 0.01 to 1000' },
    { args: ['--shoppers', '1.5'], problem: '--shoppers is "1.5". Give a whole number from 1 to 10000' },
    {
      args: ['--duration', '5'],
      problem: '--duration is "5". Give a number with its unit, such as 30s, 10m, 2h or 1d'
    },
    {
      args: ['--url', 'shop'],
      problem: '--url is "shop". Give the address of a gateway, such as https://shop.example.com'
    },
    { args: ['--accounts', '/nowhere'], problem: 'cannot read the accounts: ENOENT' }
  ])
    it(`refuses ${args.join(' ')}, and says how to correct it`, async () => {
      const { code, output } = await load(...args)
      equal(code, 1)
      equal(output.startsWith(`bulkhead: ${problem}`), true, output)
    })

  it('fails if nothing answers, or if something else does', async () => {
    const { url, stop } = await httpServer((_, response) => response.writeHead(404).end())
    match((await load('--url', url)).output, /is not a gateway: \/openapi\.json answers 404\n$/)
    await stop()
    match(
      (await load('--url', url)).output,
      /^bulkhead: no answer from http:\S+ \(.*ECONNREFUSED.*\)\. Check the address\n$/
    )
  })
})

describe('a live block', () => {
  function terminal(isTTY: boolean) {
    const written: string[] = []
    const write = (text: string) => written.push(text) > 0
    return { written, block: liveBlock({ isTTY, columns: 11, rows: 4, write } as never) }
  }

  it('replaces its lines, cut to the terminal', () => {
    const { written, block } = terminal(true)
    block.show(['one', 'a line that is too long', 'three', 'four'])
    block.show(['two'])
    block.clear()
    deepEqual(written, ['\u001b[0Jone\na line tha\nthree\n', '\u001b[3A\u001b[0Jtwo\n', '\u001b[1A\u001b[0J'])
  })

  it('writes nothing if the stream is not a terminal', () => {
    const { written, block } = terminal(false)
    block.show(['one'])
    block.clear()
    deepEqual(written, [])
  })
})
