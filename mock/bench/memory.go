package main

// measureMemory looks at the processes after reads, lists and writes.
func (b *bench) measureMemory() error {
	for _, m := range []struct {
		what  string
		start func() (*server, error)
		limit float64
	}{
		{"shipped fixtures", func() (*server, error) { return b.readyMock("") }, 40},
		{"100,000 leads", func() (*server, error) { return b.startLeads(100_000) }, 350},
	} {
		found, err := b.residentAfterTraffic(m.start)
		if err != nil {
			return err
		}
		b.table.add(row{what: m.what, mock: short(found) + " MiB", found: found, unit: " MiB", bar: bar{atMost: m.limit}})
	}
	return nil
}

func (b *bench) residentAfterTraffic(start func() (*server, error)) (float64, error) {
	s, err := start()
	if err != nil {
		return 0, err
	}
	defer s.stop()
	for _, l := range []load{always(s.get(oneLead)), listLoad(s), createLoad(s)} {
		if err := drive(s.connections, l, 0, b.times(4000, 2000)); err != nil {
			return 0, err
		}
	}
	return s.resident()
}
