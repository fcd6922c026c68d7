// Preloaded into the servers that are measured: answers the bench's questions, and ends the server when the bench ends.
const { Session } = require('node:inspector')
const { promisify } = require('node:util')

const session = new Session()
const post = promisify(session.post.bind(session))

const answers = {
  usage: () => {
    const { user, system } = process.cpuUsage()
    return { memory: process.memoryUsage.rss(), processor: (user + system) / 1000 }
  },
  startProfile: async () => {
    session.connect()
    await post('Profiler.enable')
    await post('Profiler.setSamplingInterval', { interval: 500 })
    await post('Profiler.start')
  },
  stopProfile: async () => {
    const { profile } = await post('Profiler.stop')
    session.disconnect()
    return profile
  },
}

process.on('message', async (question) => process.send({ answer: await answers[question]() }))
process.on('disconnect', () => process.exit())
