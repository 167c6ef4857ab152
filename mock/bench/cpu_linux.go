package main

import (
	"syscall"
	"time"
	"unsafe"
)

// cpu is the processor time that the server's process has used, all threads, to the nanosecond. The ticks of
// /proc/PID/stat would be too coarse for short turns.
func (s *server) cpu() (time.Duration, error) {
	const schedulerClock = 2 // CPUCLOCK_SCHED of the kernel, beside the inverted process id: clock_getcpuclockid(3)
	clock := int32(^s.command.Process.Pid)<<3 | schedulerClock
	var t syscall.Timespec
	_, _, failed := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&t)), 0)
	if failed != 0 {
		return 0, failed
	}
	return time.Duration(t.Nano()), nil
}
