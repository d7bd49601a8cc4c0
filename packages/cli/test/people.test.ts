import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serviceEnvironment } from '../src/services/service-environment.ts'
import { readStack, type Service, type Stack } from '../src/services/stack.ts'
import { demoAccounts } from '../src/tokens/development-keys.ts'
import { demoSignIn, peopleIssuer } from '../src/tokens/people.ts'
import { demoTokenFile, issueTokens, keepSignedIn } from '../src/tokens/tokens.ts'
import { fixtureRepository, freePortBase } from './fixture.ts'

describe('the demo accounts of a stack', () => {
  let stack: Stack
  let server: Server | undefined
  let requests: Record<string, string>[]

  beforeEach(async () => {
    stack = readStack(fixtureRepository(), await freePortBase())
    requests = []
  })
  afterEach(async () => {
    server?.closeAllConnections()
    if (server) await promisify(server.close.bind(server))()
    server = undefined
    rmSync(stack.root, { recursive: true })
  })

  const alpha = () => stack.services[0] as Service
  const environment = (service: Service): Record<string, string | undefined> =>
    serviceEnvironment(stack, service, undefined)

  const failTest = (error: unknown) => assert.fail(String(error))

  /** Makes alpha the issuer of tokens, by adding the path of the keys to its openapi.json. */
  function makeAlphaIssuer() {
    const openapi = { paths: { '/.well-known/jwks.json': {} } }
    writeFileSync(join(stack.root, 'services/alpha/openapi.json'), JSON.stringify(openapi))
  }

  /** Starts alpha, which answers every request with this status and new tokens. */
  async function startAlpha(status: number) {
    server = createServer(async (request, response) => {
      let text = ''
      for await (const part of request) text += part
      requests.push({ url: request.url!, ...JSON.parse(text) })
      const number = requests.length
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ accessToken: `access-${number}`, refreshToken: `refresh-${number}`, title: 'No' }))
    }).listen(alpha().ports.api, '127.0.0.1')
    await once(server, 'listening')
  }

  it('get their tokens from the runner if no service publishes keys', async () => {
    assert.equal(peopleIssuer(stack), undefined)
    await issueTokens(stack)
    assert.ok(existsSync(demoTokenFile(stack, 'staff')))
    assert.match(environment(alpha()).PEOPLE_JWKS!, /^file:/)
    assert.equal(environment(alpha()).BOOTSTRAP_ACCOUNTS_FILE, undefined)
    await keepSignedIn(stack, failTest)
  })

  it('get no token from the runner if a service publishes keys', async () => {
    makeAlphaIssuer()
    assert.equal(peopleIssuer(stack)?.name, 'alpha')
    await issueTokens(stack)
    assert.ok(!existsSync(demoTokenFile(stack, 'staff')))
    const keys = `http://127.0.0.1:${alpha().ports.api}/.well-known/jwks.json`
    for (const service of stack.services) assert.equal(environment(service).PEOPLE_JWKS, keys)
  })

  it('are passed only to the service that publishes keys, and never change', async () => {
    makeAlphaIssuer()
    const [issuer, other] = stack.services.map(environment)
    assert.equal(other!.BOOTSTRAP_ACCOUNTS_FILE, undefined)
    await issueTokens(stack)
    const accounts = demoAccounts(join(stack.folder, 'keys'))
    const given = JSON.parse(readFileSync(issuer!.BOOTSTRAP_ACCOUNTS_FILE!, 'utf8'))
    assert.deepEqual(given, [accounts.customer, accounts.staff])
    assert.deepEqual(demoAccounts(join(stack.folder, 'keys')), accounts)
    assert.match(accounts.staff.id, /^stf_/)
    assert.notEqual(accounts.staff.password, accounts.customer.password)
  })

  it('are signed in at the issuer, which ends their previous session', async () => {
    makeAlphaIssuer()
    await startAlpha(201)
    const end = await keepSignedIn(stack, failTest)
    end()
    const { customer, staff } = demoAccounts(join(stack.folder, 'keys'))
    assert.deepEqual(requests.map(({ email }) => email).sort(), [customer.email, staff.email])
    for (const { url, email, password } of requests) {
      assert.equal(url, '/sessions')
      assert.equal(password, email === staff.email ? staff.password : customer.password)
    }
    assert.match(readFileSync(demoTokenFile(stack, 'staff'), 'utf8'), /^access-[12]$/)
    const signIn = demoSignIn(stack, alpha())
    assert.equal(await signIn('staff'), 'access-3')
    await signIn('staff')
    assert.deepEqual(
      requests.slice(2).map(({ refreshToken }) => refreshToken),
      [undefined, 'refresh-3']
    )
  })

  it('are reported without their password if the issuer refuses them', async () => {
    makeAlphaIssuer()
    await startAlpha(401)
    const failures: unknown[] = []
    const end = await keepSignedIn(stack, error => failures.push(error))
    end()
    assert.equal(failures.length, 1)
    const { customer } = demoAccounts(join(stack.folder, 'keys'))
    await assert.rejects(demoSignIn(stack, alpha())('customer'), ({ message }: Error) => {
      assert.equal(message, 'alpha refused to sign in customer@example.com: 401 No')
      return !message.includes(customer.password)
    })
  })
})
