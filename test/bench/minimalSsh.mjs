/** The least that SSH costs from Node: connect, one small command, leave. Usage: minimalSsh.mjs PORT KEY HOST-KEY */
import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'

const [port, key, hostKey] = process.argv.slice(2)
const known = readFileSync(hostKey, 'utf8').split(' ')[1]
const client = new ssh2.Client()
client.on('ready', () => {
  client.exec('uname -a', (error, channel) => {
    if (error) throw error
    channel.resume()
    channel.on('close', () => client.end())
  })
})
client.connect({
  host: '127.0.0.1',
  port: Number(port),
  username: 'root',
  privateKey: readFileSync(key),
  hostVerifier: (offered) => offered.toString('base64') === known,
})
