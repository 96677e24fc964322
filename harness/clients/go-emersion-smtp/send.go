// Sends the message of standard input: send send-mail|starttls|insecure HOST PORT HELO SENDER RECIPIENT
package main

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"os"

	"github.com/emersion/go-smtp"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	mode, host, port, helo, sender, recipient := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6]
	address := net.JoinHostPort(host, port)
	if mode == "send-mail" {
		check(smtp.SendMail(address, nil, sender, []string{recipient}, os.Stdin))
		return
	}
	client, err := smtp.Dial(address)
	check(err)
	check(client.Hello(helo))
	if mode == "insecure" {
		check(client.StartTLS(&tls.Config{InsecureSkipVerify: true}))
	} else {
		check(client.StartTLS(nil))
	}
	check(client.Mail(sender, nil))
	check(client.Rcpt(recipient))
	data, err := client.Data()
	check(err)
	_, err = io.Copy(data, os.Stdin)
	check(err)
	check(data.Close())
	check(client.Quit())
}
