import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { httpServer } from '@bulkhead/testing/http-server'
import { recordingLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import fc from 'fast-check'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { Registry } from 'prom-client'
import { type TokenVerifier, type TokenVerifierOptions, tokenVerifier } from '../src/auth/tokens.ts'
import { newId } from '../src/core/ids.ts'
import { Problem } from '../src/core/problem.ts'

type Key = { kid: string; alg: string; privateKey: CryptoKey; jwk: JWK }

async function newKey(alg = 'EdDSA'): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const kid = randomUUID()
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

const START = 1_800_000_000
const customer = newId('cus')

describe('the token verifier', () => {
  let folder: string
  let now: number
  let people: Key
  let services: Record<'EdDSA' | 'RS256' | 'ES256', Key>
  let options: TokenVerifierOptions
  let { log, lines } = recordingLog()
  const errorOf = ({ err }: Record<string, unknown>) => (err as Error).message

  const inFile = (name: string, ...keys: JWK[]) => {
    const file = join(folder, name)
    writeFileSync(file, JSON.stringify({ keys }))
    return pathToFileURL(file).href
  }
  const verifier = (changes: Partial<TokenVerifierOptions> = {}) => tokenVerifier({ ...options, ...changes })
  const sign = (key: Key, header: object, payload: JWTPayload) =>
    new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey)
  const ofPerson = (payload: JWTPayload = {}, header = {}, key = people) =>
    sign(
      key,
      { typ: 'at+jwt', ...header },
      { iss: 'people', aud: 'bulkhead', sub: customer, roles: ['customer'], exp: START + 60, ...payload }
    )
  const ofService = (payload: JWTPayload = {}, key: Key = services.EdDSA) =>
    sign(
      key,
      {},
      { iss: 'cluster', aud: ['catalog'], sub: 'system:serviceaccount:shop:orders', exp: START + 60, ...payload }
    )
  const refused = (verify: TokenVerifier, authorization: string, detail: RegExp) =>
    assert.rejects(
      async () => verify(authorization),
      (error: unknown) => {
        assert.ok(error instanceof Problem, String(error))
        assert.equal(error.status, 401)
        assert.match(error.detail!, detail)
        assert.doesNotMatch(error.detail!, /["\\]/)
        return true
      }
    )
  const away = (verify: TokenVerifier, token: string) =>
    assert.rejects(async () => verify(`Bearer ${token}`), { name: 'Problem', status: 503, detail: /^The key set/ })

  before(async () => {
    people = await newKey()
    services = { EdDSA: await newKey(), RS256: await newKey('RS256'), ES256: await newKey('ES256') }
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-tokens-'))
    now = START * 1_000
    ;({ log, lines } = recordingLog())
    options = {
      service: 'catalog',
      people: { issuer: 'people', jwks: inFile('people', people.jwk) },
      services: {
        issuer: 'cluster',
        jwks: inFile('services', ...Object.values(services).map(({ jwk }) => jwk)),
        namespace: 'shop'
      },
      clock: { now: () => new Date(now) },
      log
    }
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('counts the hits and misses of its caches', async () => {
    const registry = new Registry()
    const verify = verifier({ registry })
    const counts = async () => {
      const { values } = await registry.getSingleMetric('bulkhead_cache_requests_total')!.get()
      return Object.fromEntries(values.map(({ labels, value }) => [`${labels.cache} ${labels.result}`, value]))
    }
    const none = { 'verified-tokens hit': 0, 'verified-tokens miss': 0, 'key-sets hit': 0, 'key-sets miss': 0 }
    assert.deepEqual(await counts(), none)
    const token = await ofPerson()
    for (let turn = 0; turn < 3; turn++) await verify(`Bearer ${token}`)
    await verify(`Bearer ${await ofPerson({ jti: 'another' })}`)
    const expected = { 'verified-tokens hit': 2, 'verified-tokens miss': 2, 'key-sets hit': 1, 'key-sets miss': 1 }
    assert.deepEqual(await counts(), expected)
  })

  it('treats a caller without the header as anonymous', () => {
    assert.deepEqual(verifier()(undefined), { kind: 'anonymous' })
  })

  it('identifies people by their tokens', async () => {
    const verify = verifier()
    const staff = newId('stf')
    assert.deepEqual(await verify(`Bearer ${await ofPerson()}`), { kind: 'person', id: customer, roles: ['customer'] })
    const token = await ofPerson({ sub: staff, roles: ['staff'] })
    assert.deepEqual(await verify(`bearer ${token}`), { kind: 'person', id: staff, roles: ['staff'] })
  })

  for (const alg of ['EdDSA', 'RS256', 'ES256'] as const)
    it(`identifies services by tokens with ${alg}`, async () => {
      const token = await ofService({}, services[alg])
      assert.deepEqual(await verifier()(`Bearer ${token}`), { kind: 'service', name: 'orders' })
    })

  it('answers synchronously for a verified token until the token expires', async () => {
    const verify = verifier()
    const header = `Bearer ${await ofPerson()}`
    const first = verify(header)
    assert.ok(first instanceof Promise)
    assert.equal(verify(header) instanceof Promise, true)
    const caller = await first
    now += 59_999
    assert.deepEqual(verify(header), caller)
    assert.ok(Object.isFrozen(verify(header)))
    now += 1
    assert.throws(() => verify(header), { status: 401, detail: 'The token has expired' })
    await refused(verify, header, /has expired/)
  })

  it('caches a bounded number of tokens', async () => {
    const verify = verifier({ cacheSize: 2 })
    const headers = await Promise.all([1, 2, 3].map(async jti => `Bearer ${await ofPerson({ jti: String(jti) })}`))
    for (const header of headers) await verify(header)
    assert.deepEqual(
      headers.toReversed().map(header => verify(header) instanceof Promise),
      [false, false, true]
    )
  })

  describe('refuses', () => {
    const unsigned = (header: object, payload: object) =>
      [header, payload].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    const claims = { iss: 'people', aud: 'bulkhead', sub: customer, roles: ['customer'], exp: START + 60 }
    const confused = () => {
      const text = unsigned({ alg: 'HS256', typ: 'at+jwt', kid: people.kid }, claims)
      return `${text}.${createHmac('sha256', JSON.stringify(people.jwk)).update(text).digest('base64url')}`
    }
    const forged = async () => {
      const [header, , signature] = (await ofPerson()).split('.')
      return `${header}.${unsigned({}, { ...claims, roles: ['staff'] }).split('.')[1]}.${signature}`
    }
    const account = 'system:serviceaccount'
    const bad: Record<string, [() => string | Promise<string>, RegExp]> = {
      'a person whose token expired': [() => ofPerson({ exp: START }), /has expired/],
      'a person whose token never expires': [() => ofPerson({ exp: undefined }), /^The exp /],
      'a person before the token is valid': [() => ofPerson({ nbf: START + 1 }), /^The nbf /],
      'a person for a different audience': [() => ofPerson({ aud: 'catalog' }), /^The aud /],
      'a person for no audience': [() => ofPerson({ aud: undefined }), /^The aud /],
      'a person of an unknown issuer': [() => ofPerson({ iss: 'others' }), /issuer/],
      'a person of no issuer': [() => ofPerson({ iss: undefined }), /issuer/],
      'a person with a different type of token': [() => ofPerson({}, { typ: 'JWT' }), /^The typ /],
      'a person with no type of token': [() => ofPerson({}, { typ: undefined }), /^The typ /],
      'a person without sub': [() => ofPerson({ sub: undefined }), /^The sub /],
      'a person whose sub is no ID': [() => ofPerson({ sub: 'cus_../x' }), /^The sub /],
      'a person whose sub is a different kind of ID': [() => ofPerson({ sub: newId('prd') }), /^The sub /],
      'a person without roles': [() => ofPerson({ roles: undefined }), /^The roles /],
      'a person with no role': [() => ofPerson({ roles: [] }), /^The roles /],
      'a person with an unknown role': [() => ofPerson({ roles: ['customer', 'root'] }), /^The roles /],
      'a person whose roles are a text': [() => ofPerson({ roles: 'staff' }), /^The roles /],
      'a person by an unknown key': [async () => ofPerson({}, {}, await newKey()), /key .* not known/],
      'a person by an unknown key with a known key ID': [
        async () => ofPerson({}, { kid: people.kid }, await newKey()),
        /signature/
      ],
      "a person by a service's key": [() => ofPerson({}, {}, services.EdDSA), /key .* not known/],
      'a person by RS256': [() => ofPerson({}, {}, services.RS256), /algorithm/],
      'a person by HS256 with the public key': [confused, /algorithm/],
      'a person by no algorithm': [() => `${unsigned({ alg: 'none', typ: 'at+jwt' }, claims)}.`, /algorithm/],
      'a person with changed claims': [forged, /signature/],
      'a person with a cut signature': [async () => (await ofPerson()).slice(0, -4), /signature/],
      'a service whose token expired': [() => ofService({ exp: START - 1 }), /has expired/],
      'a service for a different service': [() => ofService({ aud: ['orders'] }), /^The aud /],
      'a service for the audience of people': [() => ofService({ aud: 'bulkhead' }), /^The aud /],
      'a service by the key of people': [() => ofService({}, people), /key .* not known/],
      'a service by ES384': [async () => ofService({}, await newKey('ES384')), /algorithm/],
      'a service without sub': [() => ofService({ sub: undefined }), /^The sub /],
      'a service that is no account': [() => ofService({ sub: 'orders' }), /^The sub /],
      'a service without namespace': [() => ofService({ sub: `${account}::orders` }), /^The sub /],
      'a service of a different namespace': [() => ofService({ sub: `${account}:stranger:orders` }), /^The sub /],
      'a service without name': [() => ofService({ sub: `${account}:shop:` }), /^The sub /],
      'a service with an additional part in its sub': [
        () => ofService({ sub: `${account}:shop:orders:x` }),
        /^The sub /
      ],
      'a token of two parts': [() => 'e30.e30', /malformed/],
      'a token that is not JSON': [() => 'abc.def.ghi', /malformed/],
      'a token whose claims are not an object': [() => `${unsigned({ alg: 'EdDSA' }, [])}.e30`, /malformed/],
      'a token with an unknown critical extension': [
        () => `${unsigned({ alg: 'EdDSA', crit: ['x'], x: 1 }, claims)}.e30`,
        /malformed/
      ],
      'an empty token': [() => '', /empty/],
      'a token with spaces': [async () => ` ${await ofPerson()}`, /malformed/],
      'a token over 8 KiB': [() => ofPerson({ jti: 'x'.repeat(8_192) }), /more than 8192 bytes/]
    }
    for (const [what, [token, detail]] of Object.entries(bad))
      it(what, async () => refused(verifier(), `Bearer ${await token()}`, detail))

    for (const header of ['', 'Bearer', 'Basic YTpi', 'Token x', 'Bearerx'])
      it(`the header '${header}'`, () => refused(verifier(), header, /Bearer/))

    it('a token with any one character changed', async () => {
      const verify = verifier()
      const token = await ofPerson()
      // The last character has bits that don't count (RFC 4648, section 3.5).
      const places = fc.integer({ min: 0, max: token.length - 2 })
      await fc.assert(
        fc.asyncProperty(
          places,
          fc.string({ minLength: 1, maxLength: 1, unit: 'binary-ascii' }),
          (place, character) => {
            fc.pre(token[place] !== character)
            return refused(verify, `Bearer ${token.slice(0, place)}${character}${token.slice(place + 1)}`, /./)
          }
        ),
        { numRuns: 300 }
      )
    })
  })

  describe('with a key set', () => {
    let server: Awaited<ReturnType<typeof httpServer>>
    let answer: { status: number; text: string }
    let reads: number

    beforeEach(async () => {
      reads = 0
      answer = { status: 200, text: JSON.stringify({ keys: [people.jwk] }) }
      server = await httpServer((_, response) => {
        reads++
        response.writeHead(answer.status).end(answer.text)
      })
    })
    afterEach(() => server.stop())
    const overHttp = () => {
      const jwks = `${server.url}/jwks`
      return verifier({ people: { issuer: 'people', jwks } })
    }

    it('reads it once over HTTP', async () => {
      const verify = overHttp()
      for (const jti of ['1', '2']) await verify(`Bearer ${await ofPerson({ jti })}`)
      await refused(verify, `Bearer ${await ofPerson({}, {}, await newKey())}`, /key .* not known/)
      assert.equal(reads, 1)
    })

    it('uses keys that it has read ahead while the issuer is unavailable, even if the first attempt failed', async () => {
      answer.status = 503
      const jwks = `${server.url}/jwks`
      const verify = verifier({ people: { issuer: 'people', jwks }, readAhead: true })
      await until(() => reads === 1)
      answer.status = 200
      await until(() => reads === 2)
      for (const jti of ['1', '2']) {
        assert.equal((await verify(`Bearer ${await ofPerson({ jti })}`)).kind, 'person')
        await server.stop()
      }
      assert.equal(reads, 2)
    })

    for (const [what, status, text] of [
      ['an error', 500, ''],
      ['text that is not JSON', 200, 'x'],
      ['JSON that is not a key set', 200, '{}'],
      ['a broken key', 200, 'broken']
    ] as const)
      it(`answers 503 if the issuer answers ${what}`, async () => {
        const broken = JSON.stringify({ keys: [{ ...people.jwk, x: 'AA' }] })
        answer = { status, text: text === 'broken' ? broken : text }
        await away(overHttp(), await ofPerson())
      })

    it('answers 503 while the issuer is unavailable, asks it at most once a second, and still identifies services', async () => {
      answer.status = 503
      const verify = overHttp()
      const token = await ofPerson()
      for (let time = 0; time < 5; time++) await away(verify, token)
      assert.equal(reads, 1)
      assert.deepEqual(await verify(`Bearer ${await ofService()}`), { kind: 'service', name: 'orders' })
    })

    it('answers 503 if the file of the key set is missing', async () => {
      const jwks = pathToFileURL(join(folder, 'missing')).href
      await away(verifier({ people: { issuer: 'people', jwks } }), await ofPerson())
    })

    it('reads a file again for an unknown key, at most once in 5 seconds, and keeps its keys if the file is removed', async () => {
      const verify = verifier()
      const next = await newKey()
      const [known, unknown] = [await ofPerson({ jti: 'known' }), await ofPerson({}, {}, next)]
      await verify(`Bearer ${await ofPerson()}`)
      inFile('people', people.jwk, next.jwk)
      await refused(verify, `Bearer ${unknown}`, /key .* not known/)
      const { now: realNow } = Date
      // jose uses the machine's clock.
      Date.now = () => realNow() + 5_001
      try {
        assert.equal((await verify(`Bearer ${unknown}`)).kind, 'person')
        Date.now = () => realNow() + 700_000
        rmSync(join(folder, 'people'))
        assert.equal((await verify(`Bearer ${known}`)).kind, 'person')
        assert.equal(lines.length, 1)
        assert.match(errorOf(lines[0]!), /no such file/)
        await away(verify, await ofPerson({}, {}, await newKey()))
      } finally {
        Date.now = realNow
      }
    })

    it('logs one line if it cannot read the keys ahead, until it has read them', async () => {
      answer.status = 503
      const jwks = `${server.url}/jwks`
      verifier({ people: { issuer: 'people', jwks }, readAhead: true })
      await until(() => reads === 2)
      answer.status = 200
      await until(() => reads === 3)
      assert.deepEqual(
        lines.map(line => ({ msg: line.msg, error: errorOf(line) })),
        [
          {
            msg: `Cannot read the key set ${jwks}; trying again`,
            error: `The key set ${jwks} answered 503`
          }
        ]
      )
    }).timeout(10_000)

    it('needs no key ID if there is one key for an algorithm, and needs it if there are two', async () => {
      const token = await ofPerson({}, { kid: undefined })
      assert.equal((await verifier()(`Bearer ${token}`)).kind, 'person')
      const jwks = inFile('two', people.jwk, services.EdDSA.jwk)
      await refused(verifier({ people: { issuer: 'people', jwks } }), `Bearer ${token}`, /does not name its key/)
    })
  })
})
