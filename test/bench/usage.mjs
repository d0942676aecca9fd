/** Loaded into a program that is measured (NODE_OPTIONS=--import): at its end, a JSON line into the file $BENCH_USAGE. */
import { appendFileSync } from 'node:fs'

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 }
  appendFileSync(process.env.BENCH_USAGE, `${JSON.stringify(usage)}\n`)
})
