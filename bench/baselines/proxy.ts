import { pipeline } from 'node:stream/promises'
import express from 'express'
import { Agent, type Dispatcher, request } from 'undici'

// What a proxy of Express and undici costs that does nothing else. It cuts /api/v1/<service> off, as the gateway does.
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
