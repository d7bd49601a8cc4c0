import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { invalidInput } from '../core/index.ts'

/** Match one character of a path and of a query (RFC 3986, sections 3.3 and 3.4). `%` starts a percent-encoding, which is checked later. */
const PATH_CHARACTER = /[\w\-.~!$&'()*+,;=:@/%]/
const QUERY_CHARACTER = /[\w\-.~!$&'()*+,;=:@/?%]/
const PATH = new RegExp(`^${PATH_CHARACTER.source}*$`)
const QUERY = new RegExp(`^${QUERY_CHARACTER.source}*$`)
/** Matches a host with an optional port (RFC 3986, section 3.2). */
const HOST = /(\[[\da-f:.]+\]|[\w\-.~!$&'()*+,;=%]+)(:\d*)?/i
const HOST_HEADER = new RegExp(`^(${HOST.source})?$`, 'i')
/** Matches the beginning of an absolute form (RFC 9112, section 3.2.2). An http URI has no user (RFC 9110, section 4.2.4). */
const ABSOLUTE_FORM = new RegExp(`^https?://${HOST.source}(?=[/?#]|$)`, 'i')
const ENCODED_CHARACTER = /%[\da-f]{2}/gi
const UNRESERVED = /[\w\-.~]/

/** Returns whether Express can route the request target. Express skips every middleware for a target that it can't parse. */
export const isRoutable = (target = ''): boolean =>
  target.startsWith('/') || target === '*' || ABSOLUTE_FORM.test(target)

/**
 * Refuses requests that RFC 9112 and RFC 3986 forbid and that Node's parser accepts, with a 400 that names the place. Normalises
 * `request.url` for all later middleware: removes the host of an absolute form, and decodes unreserved characters (RFC 3986, section
 * 6.2.2).
 */
export const strictHttp: RequestHandler = (request, _response, next) => {
  checkMessage(request)
  if (request.url !== '*' || request.method !== 'OPTIONS') request.url = originForm(request.url)
  next()
}

function checkMessage({ httpVersion, headersDistinct }: IncomingMessage) {
  const hosts = headersDistinct.host ?? []
  if (hosts.length > 1) throw refused('/headers/host', 'Send one Host header')
  if (!HOST_HEADER.test(hosts[0] ?? '')) throw refused('/headers/host', 'It must be a host and an optional port')
  const coding = headersDistinct['transfer-encoding']?.join()
  if (coding === undefined) {
    if (httpVersion !== '1.1' && httpVersion !== '1.0') throw refused('', 'Send it by HTTP/1.1')
    return
  }
  if (httpVersion !== '1.1') throw refused('/headers/transfer-encoding', 'It needs HTTP/1.1')
  if (coding.toLowerCase() !== 'chunked') throw refused('/headers/transfer-encoding', 'It must be chunked')
}

/** Removes the host of an absolute form. Neither that host nor the Host header matters, because the API is the same for every name. */
function originForm(target: string): string {
  const relative = target.startsWith('/') ? target : target.replace(ABSOLUTE_FORM, '')
  if (relative === target && !target.startsWith('/')) throw refused('/path', 'It must start with / or http://')
  const end = relative.indexOf('?')
  const path = (end < 0 ? relative : relative.slice(0, end)) || '/'
  const query = end < 0 ? '' : relative.slice(end)
  checkPart('/path', path, PATH, PATH_CHARACTER)
  checkPart('/query', query, QUERY, QUERY_CHARACTER)
  return withoutNeedlessEncoding(path) + query
}

function checkPart(pointer: string, text: string, pattern: RegExp, character: RegExp) {
  if (!pattern.test(text)) {
    const wrong = [...text].find(one => !character.test(one))!
    throw refused(pointer, `Write ${encodeURIComponent(wrong)} in place of ${wrong}`)
  }
  if (!text.includes('%')) return
  try {
    decodeURIComponent(text)
  } catch {
    throw refused(pointer, 'Each % must start the percent-encoding of a character in UTF-8, such as %C3%A9')
  }
}

const withoutNeedlessEncoding = (path: string) =>
  path.replace(ENCODED_CHARACTER, encoded => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
    return UNRESERVED.test(character) ? character : encoded
  })

const refused = (pointer: string, detail: string) => invalidInput([{ pointer, detail }])
