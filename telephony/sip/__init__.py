"""Signalling of live calls: SIP (RFC 3261), SDP (RFC 8866) and SIPREC (RFC 7866), the answering side alone."""
