import type { Request, RequestHandler, Response } from 'express'
import helmet from 'helmet'

/** Helmet's headers, which are the same for every answer: asked for once. */
export function securityHeaders(): RequestHandler {
  const headers = new Map<string, string>()
  const collector = { setHeader: headers.set.bind(headers), removeHeader: () => undefined }
  helmet()({} as Request, collector as unknown as Response, () => undefined)
  return (_request, response, next) => {
    response.setHeaders(headers)
    next()
  }
}
