import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { readStack, type Stack } from '../src/stack.ts'
import { issueTokens } from '../src/tokens.ts'
import { fixtureRepository, freePortBase } from './fixture.ts'
import { bulkhead } from './runner.ts'

const PROBLEM = { 'content-type': 'application/problem+json' }

describe('bulkhead smoke', () => {
  let stack: Stack
  let gateway: Server
  let openapi: object

  beforeEach(async () => {
    stack = readStack(fixtureRepository(), await freePortBase())
    openapi = { paths: { '/api/v1/alpha/things': {}, '/api/v1/beta/things': {} } }
    gateway = createServer(({ url, headers, method }, answer) => {
      if (url === '/openapi.json') answer.setHeader('content-type', 'application/json').end(JSON.stringify(openapi))
      else if (url === '/') answer.setHeader('content-type', 'text/html').end()
      else if (headers.authorization?.length === 'Bearer not.a.token'.length) answer.writeHead(401).end()
      else if (method === 'POST') answer.writeHead(headers.authorization ? 403 : 401).end()
      else answer.writeHead(404, PROBLEM).end('{}')
    }).listen(stack.portBase, '127.0.0.1')
    await once(gateway, 'listening')
  })
  afterEach(() => {
    gateway.close()
    rmSync(stack.root, { recursive: true, force: true })
  })

  async function smoke(...args: string[]) {
    const command = bulkhead(stack.root, stack.portBase, 'smoke', ...args)
    return { code: await command.ended, output: command.output() }
  }

  it('tries every step, and exits with 0 when all pass', async () => {
    await issueTokens(stack)
    const { code, output } = await smoke()
    assert.equal(code, 0, output)
    assert.match(output, /✔ +\d+ ms {2}gateway refuses a bad token\n/)
    assert.match(output, /\n6 passed, 0 failed, 0 skipped\n$/)
  })

  it('names the step that fails with what it expected and what came, skips those after it, and exits with 1', async () => {
    await issueTokens(stack)
    openapi = { paths: { '/api/v1/alpha/things': {} } }
    const { code, output } = await smoke('--json')
    assert.equal(code, 1)
    const { passed, steps } = JSON.parse(output)
    assert.equal(passed, false)
    const [failed, skipped] = steps.filter(({ story }: { story: string }) => story === 'reference')
    assert.deepEqual([failed.result, skipped.result], ['failed', 'skipped'])
    assert.equal(failed.problem, 'services in /openapi.json: expected ["alpha","beta"], came ["alpha"]')
  })

  it('says so when the gateway does not answer, and when the stack has never run', async () => {
    assert.match((await smoke()).output, /there are no demo tokens yet\. Start the stack: make up/)
    await issueTokens(stack)
    gateway.close()
    gateway.closeAllConnections()
    const { code, output } = await smoke()
    assert.equal(code, 1)
    assert.match(output, /no answer from http:\/\/127\.0\.0\.1:\d+ \(.+\)\. Is the stack up\? make status/)
  })
})
