export default async function globalTeardown() {
  await globalThis.testHouse?.close();
}
