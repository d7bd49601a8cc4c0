import express from 'express'
import { MongoClient } from 'mongodb'

// A minimal server that answers with a product from MongoDB.
const client = await MongoClient.connect(process.env.MONGODB_URL!, { maxPoolSize: 20 })
const products = client.db().collection<{ _id: string }>('products')
const app = express()
app.get('/products/:id', async (request, response) => {
  const product = await products.findOne({ _id: request.params.id }, { projection: { outbox: 0, schemaVersion: 0 } })
  if (product) response.json(product)
  else response.sendStatus(404)
})
app.listen(Number(process.env.PORT), '127.0.0.1')
