package store

import (
	"slices"
	"sync/atomic"
)

// list is a short list that readers extend while others read it, without locks: what a view or block worked
// out on demand and keeps. Its zero value is empty.
type list[T any] struct{ items atomic.Pointer[[]T] }

func (l *list[T]) all() []T {
	if p := l.items.Load(); p != nil {
		return *p
	}
	return nil
}

func (l *list[T]) set(items []T) { l.items.Store(&items) }

// add appends an item, unless same finds one that another reader was quicker to add: it returns the one that
// is in the list. Beyond limit, the oldest item that may go makes room.
func (l *list[T]) add(item T, same func(T) bool, limit int, mayGo func(T) bool) T {
	for {
		old := l.items.Load()
		var items []T
		if old != nil {
			items = *old
		}
		if i := slices.IndexFunc(items, same); i >= 0 {
			return items[i]
		}
		next := append(slices.Clip(items), item)
		if countOf(next, mayGo) > limit {
			oldest := slices.IndexFunc(next, mayGo)
			next = slices.Delete(next, oldest, oldest+1)
		}
		if l.items.CompareAndSwap(old, &next) {
			return item
		}
	}
}

// put appends an item in place of the one that same finds. Beyond limit, the oldest makes room.
func (l *list[T]) put(item T, same func(T) bool, limit int) {
	for {
		old := l.items.Load()
		var next []T
		if old != nil {
			next = slices.DeleteFunc(slices.Clone(*old), same)
		}
		next = append(next, item)
		if len(next) > limit {
			next = slices.Delete(next, 0, 1)
		}
		if l.items.CompareAndSwap(old, &next) {
			return
		}
	}
}

func countOf[T any](items []T, counts func(T) bool) int {
	n := 0
	for _, item := range items {
		n += b2i(counts(item))
	}
	return n
}
