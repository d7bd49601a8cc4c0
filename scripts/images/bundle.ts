import { join, resolve } from 'node:path'
import { bundleImage } from './image-files.ts'

// Makes what the image of a service holds: bundle.ts SERVICE FOLDER [expand]
const [service = '', folder = '', next = ''] = process.argv.slice(2)
if (next !== '' && next !== 'expand') throw new Error(`NEXT is "${next}": give "expand" or nothing`)
await bundleImage(join(import.meta.dirname, '../..'), service, resolve(folder), next || undefined)
