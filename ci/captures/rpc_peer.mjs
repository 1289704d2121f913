// Servers and clients of the RPC protocols of the Java world, from what runs on Node: SOFARPC's own
// implementation, which speaks Bolt and, with the package of that name, Dubbo. Part of rpc.sh.
//
//   rpc_peer.mjs serve bolt|dubbo PORT
//   rpc_peer.mjs call bolt|dubbo HOST PORT CASE
import { createRequire } from 'node:module'

const require = createRequire(process.cwd() + '/')
const { client: { RpcClient }, server: { RpcServer } } = require('sofa-rpc-node')
const protocols = { bolt: require('sofa-bolt-node'), dubbo: require('dubbo-remoting') }
const quiet = { info() {}, warn() {}, error() {}, debug() {}, log() {} }
const interfaceName = 'com.example.shop.ItemService'

async function serve(protocol, port) {
    const server = new RpcServer({ port: Number(port), protocol: protocols[protocol], logger: quiet })
    server.addService({ interfaceName }, {
        async find(id) { return 'item ' + id },
        async list(from, to) { return Array.from({ length: 40 }, (_, i) => 'item ' + (from + i) + ' of ' + to) },
        async load() { return 'x'.repeat(9000) },
        async fail() { throw new Error('no such item') },
        async slow() { await new Promise(r => setTimeout(r, 300)); return 'late' },
    })
    await server.start()
}

async function call(protocol, host, port, what) {
    const client = new RpcClient({ protocol: protocols[protocol], logger: quiet })
    const consumer = client.createConsumer({ interfaceName, serverHost: `${host}:${port}`, responseTimeout: 3000 })
    await consumer.ready()
    const of = (name, args, options) => consumer.invoke(name, args, options).catch(e => e)
    const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', sw8: '1-YS5iLmM=-ZC5l-7-c-i-e-p' }
    switch (what) {
        case 'calls':
            for (const [name, args] of [['find', [7]], ['list', [1, 40]], ['load', []], ['find', ['x'.repeat(3000)]]]) await of(name, args)
            break
        case 'errors':
            await of('fail', [])
            await of('missing', [1])
            break
        case 'parallel':
            await Promise.all([of('slow', []), ...Array.from({ length: 8 }, (_, i) => of('find', [i]))])
            break
        case 'traced':
            await of('find', [7], { requestProps: trace })
            break
        case 'timeout':
            await of('slow', [], { responseTimeout: 100 })
            await new Promise(r => setTimeout(r, 500))
            break
    }
    process.exit(0)
}

const [, , verb, ...rest] = process.argv
await { serve, call }[verb](...rest)
