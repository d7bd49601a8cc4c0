import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { deployedStack } from '../src/cluster/deployed-stack.ts'
import type { Cluster } from '../src/cluster/kubectl.ts'
import { readStack, type Stack } from '../src/services/stack.ts'
import { issueTokens } from '../src/tokens/tokens.ts'
import { fixtureRepository, freePortBase } from './fixture.ts'
import { bulkhead } from './runner.ts'

const PROBLEM = { 'content-type': 'application/problem+json' }

describe('bulkhead smoke', () => {
  let stack: Stack
  let gateway: Server
  let openapi: object

  beforeEach(async () => {
    stack = readStack(fixtureRepository(), await freePortBase())
    openapi = { paths: { '/api/v1/alpha/things': {}, '/api/v1/beta/things': { post: { 'x-callers': ['staff'] } } } }
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

  function writeStory(text: string) {
    mkdirSync(join(stack.root, 'services/alpha/test'))
    writeFileSync(join(stack.root, 'services/alpha/test/smoke.ts'), text)
  }

  async function smoke(...args: string[]) {
    const command = bulkhead(stack.root, stack.portBase, 'smoke', ...args)
    return { code: await command.ended, output: command.output() }
  }

  it('runs every step, and exits with 0 if all pass', async () => {
    await issueTokens(stack)
    const { code, output } = await smoke()
    assert.equal(code, 0, output)
    assert.match(output, /✔ +\d+ ms {2}gateway refuses a bad token\n/)
    assert.match(
      output,
      /\n- +alpha \(it has no test\/smoke\.ts\)\n- +beta \(it has no test\/smoke\.ts\)\n\n6 passed, 0 failed, 0 skipped\n$/
    )
  })

  it("runs the story in a service's folder, which can use the names of an event's handlers", async () => {
    await issueTokens(stack)
    writeStory(`export const story = ({ ask, handlersOf }) => [
      ['does its job', () => ask(404, 'GET', '/api/v1/alpha/things')],
      ['is heard by ' + handlersOf('alpha.thing.made'), () => ask(200, 'GET', '/api/v1/alpha/things')]
    ]`)
    writeFileSync(join(stack.root, 'services/beta/contract.json'), JSON.stringify({ handles: ['alpha.thing.made'] }))
    const { code, output } = await smoke()
    assert.equal(code, 1, output)
    assert.match(output, /✔ .+ alpha does its job\n✘ .+ alpha is heard by beta\n +GET .+: expected status 200, got 404/)
    assert.match(output, /\n- +beta \(it has no test\/smoke\.ts\)\n\n7 passed, 1 failed, 0 skipped\n$/)
  })

  for (const { title, text, problem } of [
    {
      title: 'a file that cannot be loaded',
      text: "import './nothing.ts'",
      problem: /^bulkhead: cannot load services\/alpha\/test\/smoke\.ts: .*nothing\.ts/
    },
    {
      title: 'a file without a story',
      text: 'export const steps = []',
      problem: /^bulkhead: services\/alpha\/test\/smoke\.ts does not export `story`\n/
    }
  ]) {
    it(`exits with 1 for ${title}, and names it`, async () => {
      await issueTokens(stack)
      writeStory(text)
      const { code, output } = await smoke()
      assert.equal(code, 1)
      assert.match(output, problem)
    })
  }

  it('runs only the stories of deployed services', async () => {
    const items = ['beta', 'other'].map(name => ({ metadata: { name } }))
    const deployed = await deployedStack(stack, { get: async () => ({ items }) } as unknown as Cluster)
    assert.deepEqual(
      deployed.services.map(({ name }) => name),
      ['beta']
    )
  })

  it('shows the expected and the actual value of a failed step, skips the next ones, and exits with 1', async () => {
    await issueTokens(stack)
    openapi = { paths: { '/api/v1/alpha/things': {} } }
    const { code, output } = await smoke('--json')
    assert.equal(code, 1)
    const { passed, steps, noStory } = JSON.parse(output)
    assert.equal(passed, false)
    assert.deepEqual(noStory, ['alpha', 'beta'])
    const [failed, skipped] = steps.filter(({ story }: { story: string }) => story === 'reference')
    assert.equal(failed.result, 'failed')
    assert.equal(skipped.result, 'skipped')
    assert.equal(failed.problem, 'services in /openapi.json: expected ["alpha","beta"], got ["alpha"]')
  })

  it('fails if the gateway does not answer, and if the stack has never run', async () => {
    assert.match((await smoke()).output, /there are no demo tokens yet\. Start the stack: make up/)
    await issueTokens(stack)
    gateway.close()
    gateway.closeAllConnections()
    const { code, output } = await smoke()
    assert.equal(code, 1)
    assert.match(output, /no answer from http:\/\/127\.0\.0\.1:\d+ \(.+\)\. Is the stack up\? make status/)
  })
})
