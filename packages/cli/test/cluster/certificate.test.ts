import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { certificateName } from '../../src/cluster/certificate-name.ts'
import { selfSigned } from '../../src/cluster/self-signed.ts'
import { reach } from '../../src/cluster/shop.ts'
import { fakeCluster } from './fake-cluster.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('the certificate of an installation', () => {
  const originalDispatcher = getGlobalDispatcher()
  let pem: { certificate: string; key: string }
  let server: Server
  let address: string

  before(async () => {
    pem = await selfSigned('DNS:localhost,DNS:bulkhead.local', 1)
    server = createServer({ key: pem.key, cert: pem.certificate }, (_request, answer) => answer.end('served'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    setGlobalDispatcher(originalDispatcher)
    server.closeAllConnections()
    server.close()
  })

  const reachWith = (ca: string) => {
    const data = { 'tls.crt': base64(pem.certificate), 'ca.crt': base64(ca) }
    const { cluster } = fakeCluster({ objects: { secrets: { items: [{ metadata: { name: 'gateway-tls' }, data }] } } })
    return reach({ ...cluster, givenAddress: address })
  }

  it('is verified by its first name at an address that it does not have', async () => {
    const { trust } = await reachWith(pem.certificate)
    assert.equal(trust.servername, 'bulkhead.local')
    assert.equal(await (await fetch(address)).text(), 'served')
  })

  it('is refused if another authority signed it', async () => {
    await reachWith((await selfSigned('DNS:bulkhead.local', 1)).certificate)
    await assert.rejects(fetch(address), error => /self-signed|unable to verify/.test(String((error as Error).cause)))
  })

  it('is verified by the host if it has its name', () => {
    assert.equal(certificateName(pem.certificate, 'bulkhead.local'), undefined)
    assert.equal(certificateName(pem.certificate, 'localhost'), undefined)
    assert.equal(certificateName(pem.certificate, '10.0.0.7'), 'bulkhead.local')
    assert.equal(certificateName(undefined, '10.0.0.7'), undefined)
  })
})
