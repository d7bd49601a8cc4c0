import { createServer } from 'node:http'
import { catalog } from '../../services/catalog/src/service.ts'

// Replaces catalog behind the measured proxies. It has catalog's contract and answers every request with one product, at almost no cost.
const product = JSON.stringify({
  id: 'prd_01k9zq4x5pe8x9v6g3n7t2m1cd',
  version: 2,
  handle: 'blue-mug',
  title: 'Blue mug',
  description: `<p>${'A mug of stoneware, glazed blue, for 300 ml of what you like. '.repeat(8)}</p>`,
  vendor: 'Potters',
  categories: [],
  tags: ['kitchen', 'blue', 'gift'],
  options: [{ name: 'Size', values: ['Small', 'Large'] }],
  variants: ['Small', 'Large'].map((size, index) => ({
    sku: `MUG-BLUE-${index}`,
    options: { Size: size },
    prices: [{ amount: 1250 + 300 * index, currency: 'EUR' }],
    weightGrams: 320,
    requiresShipping: true,
    taxable: true
  })),
  media: [{ url: 'https://images.example/blue-mug.jpg', position: 1, alt: 'The mug' }],
  attributes: { material: 'stoneware' },
  status: 'published',
  createdAt: '2026-01-01T00:00:00.000Z',
  publishedAt: '2026-01-02T00:00:00.000Z'
})
const contractText = JSON.stringify(catalog.contract)
const productHeaders = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(product), etag: '"2"' }

createServer((request, response) => {
  if (request.url === '/.well-known/contract') response.setHeader('content-type', 'application/json').end(contractText)
  else response.writeHead(200, productHeaders).end(product)
}).listen(Number(process.env.PORT), '127.0.0.1')
