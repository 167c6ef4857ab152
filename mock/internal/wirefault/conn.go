package wirefault

import (
	"context"
	"io"
	"net"
	"time"
)

// linger is how long a closed connection waits for the client to close its side, as net/http does.
const linger = 500 * time.Millisecond

// under is the connection below one: TCP below TLS. It is nil where there is none.
func under(conn net.Conn) net.Conn {
	if layer, ok := conn.(interface{ NetConn() net.Conn }); ok {
		return layer.NetConn()
	}
	return nil
}

// bottom is the lowest connection.
func bottom(conn net.Conn) net.Conn {
	for below := conn; below != nil; below = under(below) {
		conn = below
	}
	return conn
}

// reset ends a connection with a TCP reset. It closes below TLS, which would say goodbye first.
func reset(conn net.Conn) error {
	conn = bottom(conn)
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
		if err := tcp.SetLinger(0); err != nil {
			_ = conn.Close()
			return err
		}
	}
	return conn.Close()
}

// hangUp closes a connection in order. Closing it at once would send a reset if the client had sent
// something that nobody read (the rest of a body, a pipelined request), and the reset would overtake the
// last bytes. So only our side is closed, and what comes in is thrown away until the client closes its
// own, or until linger or ctx ends. Errors mean that the client has left, which is as well.
func hangUp(ctx context.Context, conn net.Conn) {
	tcp := bottom(conn)
	ctx, cancel := context.WithTimeout(ctx, linger)
	defer cancel()
	defer interrupt(ctx, func() { _ = tcp.Close() })()
	for ; conn != nil; conn = under(conn) {
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}
	_, _ = io.Copy(io.Discard, tcp)
	_ = tcp.Close()
}
