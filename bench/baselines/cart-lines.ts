import express from 'express'
import { Redis } from 'ioredis'

// A minimal server that adds to the quantity of a cart line in Redis.
const redis = new Redis(process.env.REDIS_URL!)
const app = express()
app.post('/carts/:id/lines', express.json(), async (request, response) => {
  const { productId, sku, quantity = 1 } = request.body
  const sum = await redis.hincrby(`bare:${request.params.id}`, `${productId}:${sku}`, quantity)
  response.json({ productId, sku, quantity: sum })
})
app.listen(Number(process.env.PORT), '127.0.0.1')
