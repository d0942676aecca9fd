/**
 * What upload.ts measures of ours, bundled as the program is; prints the milliseconds. Usage: uploadOurs.js TARGET FILE BYTES COMMAND
 * (TARGET: an SshTarget as JSON. COMMAND: what unpacks the stream on the host.)
 */
import { connectSsh } from '../../runner/transports/ssh.ts'
import type { SshTarget } from '../../runner/transports/transport.ts'
import { uploadStream } from '../../runner/transports/upload.ts'

const [target, file, bytes, command] = process.argv.slice(2) as [string, string, string, string]
const start = performance.now()
const transport = await connectSsh(JSON.parse(target) as SshTarget, {
  askSecret: undefined,
  confirmHostKey: undefined,
  acceptNewHostKeys: false,
})
const entries = [{ path: 'ours', mode: 0o644, content: { file, size: Number(bytes) } }]
const { code, stderr } = await uploadStream(transport, entries, command)
await transport.close()
if (code !== 0) throw new Error(`the host's command ended with ${code}: ${stderr}`)
console.log(performance.now() - start)
