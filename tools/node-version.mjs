// Plain old JavaScript on purpose: it must be read by a Node that is too old, to tell it so.

/** Whether version a ("24.15.0") is at least b ("20"). */
export function atLeast(a, b) {
  var have = a.split('.').map(Number);
  var want = b.split('.').map(Number);
  for (var i = 0; i < want.length; i++) {
    if (have[i] !== want[i]) return have[i] > want[i];
  }
  return true;
}

/** What these tools themselves need, before anything is installed; the system proper brings its own Node. */
export var OLDEST_NODE = '20';

/** Ends the process with a sentence where Node is too old for what comes next. */
export function demandNode() {
  if (atLeast(process.versions.node, OLDEST_NODE)) return;
  console.error(
    'Node ' +
      process.versions.node +
      ' is too old here (runtime.node-too-old). Install Node ' +
      OLDEST_NODE +
      ' or newer (24 is best), then run this again.',
  );
  process.exit(1);
}
