import cors from 'cors'
import type { Request, RequestHandler, Response } from 'express'
import helmet from 'helmet'

const EXPOSED_HEADERS = ['ETag', 'Location', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'X-Request-Id']

/** Sets the headers of Helmet. They are the same for every answer, so Helmet is asked once. */
export function securityHeaders(): RequestHandler {
  const headers = new Map<string, string>()
  const collector = { setHeader: headers.set.bind(headers), removeHeader: () => undefined }
  helmet()({} as Request, collector as unknown as Response, () => undefined)
  return (_request, response, next) => {
    response.setHeaders(headers)
    next()
  }
}

/** Lets pages of these origins call the API (CORS). Without origins there is nothing to do. */
export const pageOrigins = (origins: string[]): RequestHandler[] =>
  origins.length > 0 ? [cors({ origin: origins, exposedHeaders: EXPOSED_HEADERS, maxAge: 600 })] : []
