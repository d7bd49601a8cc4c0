import assert from 'node:assert/strict'
import { httpServer } from '@bulkhead/testing/http-server'
import { rawRequest } from '@bulkhead/testing/raw-request'
import { makeApp } from './greetings.ts'

type Raw = { line: string; headers?: string; body?: string }

describe('an app, for requests over a raw connection', () => {
  let server: Awaited<ReturnType<typeof httpServer>>

  beforeEach(async () => {
    server = await httpServer(makeApp().app)
  })
  afterEach(() => server.stop())

  async function send({ line, headers = 'Host: shop.example\r\n', body = '' }: Raw) {
    const answer = await rawRequest(server.port, `${line}\r\n${headers}Connection: close\r\n\r\n${body}`)
    const status = Number(answer.split(' ')[1])
    return { status, errors: answer.includes('"errors"') ? JSON.parse(answer.split('\r\n\r\n')[1]!).errors : [] }
  }

  for (const { target, pointer } of [
    { target: '/fail#x', pointer: '/path' },
    { target: '/fail?a#x', pointer: '/query' },
    { target: '/fail"', pointer: '/path' },
    { target: '/fail[0]', pointer: '/path' },
    { target: '/fail|x', pointer: '/path' },
    { target: '/fail\\x', pointer: '/path' },
    { target: '/fail?a={}', pointer: '/query' },
    { target: '/fail%', pointer: '/path' },
    { target: '/fail%2', pointer: '/path' },
    { target: '/fail?a=%zz', pointer: '/query' },
    { target: '/fail/%FF', pointer: '/path' },
    { target: '/fail?a=%C3', pointer: '/query' },
    { target: 'ftp://shop.example/fail', pointer: '/path' },
    { target: 'http:///fail', pointer: '/path' },
    { target: 'http://ada:secret@shop.example/fail', pointer: '/path' },
    { target: '*', pointer: '/path' }
  ]) {
    it(`refuses ${target} with a 400 that names ${pointer}`, async () => {
      const { status, errors } = await send({ line: `GET ${target} HTTP/1.1` })
      assert.equal(status, 400)
      assert.equal(errors[0].pointer, pointer)
    })
  }

  for (const target of ['shop.example:80', 'fail', '/fa il', '/fail\xe9', '/fail\x01', '/fail\x7f']) {
    it(`refuses ${JSON.stringify(target)} with 400`, async () => {
      assert.equal((await send({ line: `GET ${target} HTTP/1.1` })).status, 400)
    })
  }

  for (const target of [
    'http://shop.example/fail',
    'HTTPS://shop.example:443/fail?a=1',
    'http://[2001:db8::1]:80/fail',
    '/f%61il',
    '/fail?a=%F0%9F%98%80&b=c/d?e:@!$()*,;~'
  ]) {
    it(`accepts ${target} as a request for /fail`, async () => {
      assert.equal((await send({ line: `GET ${target} HTTP/1.1` })).status, 500)
    })
  }

  for (const { what, headers, pointer } of [
    { what: 'two Host headers', headers: 'Host: a\r\nHost: a\r\n', pointer: '/headers/host' },
    { what: 'a list of hosts', headers: 'Host: a, b\r\n', pointer: '/headers/host' },
    { what: 'a Host with a path', headers: 'Host: a/b\r\n', pointer: '/headers/host' },
    {
      what: 'a transfer coding that is not chunked',
      headers: 'Host: a\r\nTransfer-Encoding: gzip, chunked\r\n',
      pointer: '/headers/transfer-encoding'
    }
  ]) {
    it(`refuses ${what} with a 400 that names ${pointer}`, async () => {
      const { status, errors } = await send({ line: 'POST /greetings/Bob HTTP/1.1', headers, body: '0\r\n\r\n' })
      assert.equal(status, 400)
      assert.equal(errors[0].pointer, pointer)
    })
  }

  for (const { what, headers } of [
    { what: 'no Host', headers: '' },
    { what: 'two lengths', headers: 'Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n' },
    { what: 'a list of lengths', headers: 'Host: a\r\nContent-Length: 1, 1\r\n' },
    { what: 'both a length and chunks', headers: 'Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n' },
    { what: 'a transfer coding after chunked', headers: 'Host: a\r\nTransfer-Encoding: chunked, gzip\r\n' },
    { what: 'a space before a colon', headers: 'Host: a\r\nAccept : b\r\n' },
    { what: 'a folded header', headers: 'Host: a\r\nAccept: b,\r\n c\r\n' }
  ]) {
    it(`refuses ${what} with 400`, async () => {
      const { status } = await send({ line: 'POST /greetings/Bob HTTP/1.1', headers, body: '0\r\n\r\n' })
      assert.equal(status, 400)
    })
  }

  for (const { line, headers } of [
    { line: 'GET /fail HTTP/2.0', headers: 'Host: a\r\n' },
    { line: 'POST /greetings/Bob HTTP/1.0', headers: 'Host: a\r\nTransfer-Encoding: chunked\r\n' }
  ]) {
    it(`answers 400 to ${line} with ${headers.trim()}`, async () => {
      assert.equal((await send({ line, headers, body: '0\r\n\r\n' })).status, 400)
    })
  }

  it('accepts a request of HTTP/1.0 without a Host', async () => {
    assert.equal((await send({ line: 'GET /fail HTTP/1.0', headers: '' })).status, 500)
  })

  it('answers 404 to OPTIONS for the whole server', async () => {
    assert.equal((await send({ line: 'OPTIONS * HTTP/1.1' })).status, 404)
  })
})
