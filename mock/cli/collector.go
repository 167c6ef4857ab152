package cli

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// The garbage collector's own rule, to let the heap double, suits neither end of what this program does. With the
// shipped data the heap is so small that it would collect every thousand requests, and twice while it starts; with
// 100,000 records it would hold as much again in garbage. So the room for garbage is bounded at both ends.
const (
	smallestRoom = 7 << 20  // bytes
	smallHeap    = 8 << 20  // bytes: no more than a few thousand requests and records leave
	largestRoom  = 40 << 20 // bytes; a heap that grows to many records may nearly double until then, to be marked less often

	// The bounds of the room, in percent of what is alive: a big heap, which takes long to mark, needs some room too.
	leastRoom = 35
	mostRoom  = 400
)

// adaptCollector lets the collector follow that rule from its first collection on, until the context ends; the
// returned function puts back what was set. Whoever sets GOGC or GOMEMLIMIT is obeyed instead.
func (p *process) adaptCollector(ctx context.Context) (restore func()) {
	if p.env["GOGC"] != "" || p.env["GOMEMLIMIT"] != "" {
		return func() {}
	}
	before := debug.SetGCPercent(mostRoom)
	afterCollection(ctx)
	return func() { debug.SetGCPercent(before) }
}

// afterCollection works by an object that nobody holds: the next collection finds it dead, and room is made for the
// one after that.
func afterCollection(ctx context.Context) {
	runtime.AddCleanup(&struct{ _ [64]byte }{}, func(context.Context) {
		if ctx.Err() != nil {
			return
		}
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		debug.SetGCPercent(collectorPercent(live[0].Value.Uint64()))
		afterCollection(ctx)
	}, ctx)
}

// collectorPercent is the room for garbage beside a living heap, in percent of it.
func collectorPercent(live uint64) int {
	room := max(smallestRoom, min(max(live, smallHeap)-smallHeap, largestRoom))
	return int(min(max(room*100/max(live, 1), leastRoom), mostRoom))
}
