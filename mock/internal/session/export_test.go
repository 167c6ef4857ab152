package session

// Evidence is how many bytes the audit keeps of all sessions, as the account says.
func (m *Manager) Evidence() int64 { return m.evidence.Held() }

// Sweep does what Run does now and then.
func (m *Manager) Sweep() { m.sweep() }

// Unsettled is how many exchanges wait to be recorded.
func (m *Manager) Unsettled() int {
	m.recorder.mu.Lock()
	defer m.recorder.mu.Unlock()
	return len(m.recorder.waiting)
}
