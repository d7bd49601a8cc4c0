import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Router } from 'express'
import type { Upstreams } from '../routing/upstreams.ts'
import { mergedOpenApi } from './merged-openapi.ts'

const SCRIPT = 'swagger-ui-dist/swagger-ui-bundle.js'
const STYLE = 'swagger-ui-dist/swagger-ui.css'

/**
 * The content security policy: the page loads files from this gateway and calls only this gateway. Inline styles are allowed because
 * Swagger UI sets them.
 */
const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Bulkhead API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/reference/swagger-ui.css">
  </head>
  <body>
    <main id="reference"></main>
    <script src="/reference/swagger-ui-bundle.js"></script>
    <script src="/reference/start.js"></script>
  </body>
</html>
`

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  tryItOutEnabled: true,
  filter: true,
  validatorUrl: null
})
`

/** Serves the API reference of all services at /reference, and its OpenAPI document at /openapi.json. */
export function referenceRoutes(upstreams: Upstreams, version: string): Router {
  const router = Router({ caseSensitive: true, strict: true })
  let merged: string | undefined
  upstreams.watch(() => {
    merged = undefined
  })
  router.get('/', (_request, response) => response.redirect('/reference'))
  router.get('/openapi.json', (_request, response) => {
    merged ??= JSON.stringify(mergedOpenApi(version, upstreams.contracts()))
    response.type('json').send(merged)
  })
  router.get('/reference', (_request, response) =>
    response.setHeader('Content-Security-Policy', POLICY).type('html').send(PAGE)
  )
  router.get('/reference/start.js', (_request, response) => response.type('js').send(START))
  for (const file of [SCRIPT, STYLE]) {
    router.get(`/reference/${basename(file)}`, (_request, response) =>
      response.sendFile(assetFile(file), { maxAge: '1h', dotfiles: 'allow' })
    )
  }
  return router
}

/** Returns the path of a package's file: in the folder `assets` next to the program in an image, otherwise in the installed package. */
function assetFile(file: string): string {
  const beside = fileURLToPath(new URL(`assets/${basename(file)}`, import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(import.meta.resolve(file))
}
