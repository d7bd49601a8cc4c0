import { MongoClient } from 'mongodb'

const BATCH = 500

/** Inserts `count` plain documents as large as a product, with the driver alone. Resolves with the duration in seconds. */
export async function insertPlainDocuments(url: string, count: number): Promise<number> {
  const client = await MongoClient.connect(url)
  try {
    const collection = client.db('bare').collection('products')
    await collection.createIndex({ handle: 1 }, { unique: true })
    const start = performance.now()
    for (let first = 0; first < count; first += BATCH) {
      const size = Math.min(BATCH, count - first)
      await collection.insertMany(Array.from({ length: size }, (_, index) => documentOf(first + index)))
    }
    return (performance.now() - start) / 1_000
  } finally {
    await client.close()
  }
}

const documentOf = (number: number) => ({
  handle: `mug-${number}`,
  title: `Mug ${number}`,
  description: `<p>${'A mug of stoneware, glazed blue, for 300 ml of what you "like". '.repeat(5)}</p>`,
  tags: ['kitchen', 'blue', 'gift'],
  variants: [{ sku: `MUG-${number}`, options: { Size: 'Small' }, prices: [{ amount: 1250, currency: 'EUR' }] }],
  status: 'published'
})
