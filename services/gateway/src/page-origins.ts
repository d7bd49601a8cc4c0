import cors from 'cors'
import type { RequestHandler } from 'express'

const EXPOSED_HEADERS = ['ETag', 'Location', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'X-Request-Id']

/** Lets pages of these origins call the API (CORS). Returns no handler if there are no origins. */
export const pageOrigins = (origins: string[]): RequestHandler[] =>
  origins.length > 0 ? [cors({ origin: origins, exposedHeaders: EXPOSED_HEADERS, maxAge: 600 })] : []
