import { join, resolve } from 'node:path'
import { bundleImage } from './image-files.ts'

// Writes the content of a service's image to a folder: bundle.ts SERVICE FOLDER [expand]
const [service = '', folder = '', next = ''] = process.argv.slice(2)
if (next !== '' && next !== 'expand') throw new Error(`NEXT is "${next}". Set it to "expand", or leave it empty`)
await bundleImage(join(import.meta.dirname, '../..'), service, resolve(folder), next || undefined)
