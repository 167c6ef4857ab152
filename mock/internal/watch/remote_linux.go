package watch

import (
	"path/filepath"
	"syscall"
)

// onRemote says whether the folder, or the nearest parent that exists, lies on a file system whose
// changes may be made elsewhere, so that the kernel here sends no events for them. The numbers are
// those of statfs(2).
func onRemote(path string) bool {
	var fs syscall.Statfs_t
	for syscall.Statfs(path, &fs) != nil {
		parent := filepath.Dir(path)
		if parent == path {
			return false
		}
		path = parent
	}
	switch uint32(fs.Type) {
	case 0x6969, // NFS
		0x517B, 0xFF534D42, 0xFE534D42, // SMB, CIFS, SMB2
		0x01021997, // 9P: WSL2, virtual machines
		0x65735546, // FUSE: sshfs, virtiofs, Docker Desktop's shares
		0x786F4256, // VirtualBox's shared folders
		0xBACBACBC, // VMware's
		0x00C36400, // Ceph
		0x5346414F: // AFS
		return true
	}
	return false
}
