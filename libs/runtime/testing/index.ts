export { fromSharedServers } from './shared-servers.js';
export { type TestDir, testDir } from './cleaner.js';
export { type ClusterMember, startTestCluster, type TestCluster, type TestClusterNode } from './test-cluster.js';
export { type TestDatabase, testDatabase } from './test-database.js';
export { startTestPostgres } from './test-postgres.js';
export { startTestNats, type TestNats } from './test-nats.js';
export { startTestValkey, type TestValkey } from './test-valkey.js';
export { smallDisk, startNatsOn } from './small-disk.js';
export type { NatsOnDisk, SmallDisk } from './small-disk.js';
