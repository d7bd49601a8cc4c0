import { createServer } from 'node:http'

// Receives spans over OTLP for measured services, and keeps none.
createServer((request, response) => request.resume().on('end', () => response.end())).listen(
  Number(process.env.PORT),
  '127.0.0.1'
)
