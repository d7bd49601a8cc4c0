import { pipeline } from 'node:stream/promises'
import express from 'express'
import { Agent, type Dispatcher, request } from 'undici'

// A minimal proxy of Express and undici. Like the gateway, it removes /api/v1/<service> from the path.
const agent = new Agent({ connections: 50 })
const app = express()
app.use(async (incoming, outgoing) => {
  const path = incoming.url.split('/').slice(4).join('/')
  const method = incoming.method as Dispatcher.HttpMethod
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const { statusCode, headers, body } = await request(`${process.env.UPSTREAM}/${path}`, {
    dispatcher: agent,
    method,
    headers: { authorization: incoming.headers.authorization },
    body: hasBody ? incoming : null
  })
  outgoing.writeHead(statusCode, headers)
  await pipeline(body, outgoing)
})
app.listen(Number(process.env.PORT), '127.0.0.1')
