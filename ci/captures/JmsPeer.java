import java.util.function.Consumer;
import javax.jms.*;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerFactory;
import org.apache.activemq.broker.BrokerService;

/** A broker of OpenWire and STOMP, and clients of OpenWire. Part of ci/captures/messaging.sh. */
public class JmsPeer {
    interface Talk {
        void with(Session session) throws Exception;
    }

    static void talk(String host, String options, boolean transacted, Talk talk) throws Exception {
        ActiveMQConnectionFactory factory =
            new ActiveMQConnectionFactory("tcp://" + host + ":61616" + options);
        factory.setWatchTopicAdvisories(false);
        Connection connection = factory.createConnection("user", "secret");
        connection.start();
        talk.with(connection.createSession(transacted, Session.AUTO_ACKNOWLEDGE));
        connection.close();
    }

    static void queue(Session s, boolean traced) throws Exception {
        Queue orders = s.createQueue("orders");
        MessageProducer producer = s.createProducer(orders);
        for (int n = 0; n < 3; n++) {
            TextMessage m = s.createTextMessage("order " + n);
            m.setJMSCorrelationID("c-" + n);
            if (traced) {
                m.setStringProperty("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
                m.setIntProperty("number", n);
            }
            producer.send(m);
        }
        MessageConsumer consumer = s.createConsumer(orders);
        for (int n = 0; n < 3; n++) {
            consumer.receive(2000);
        }
    }

    public static void main(String[] args) throws Exception {
        String host = args[1];
        switch (args[0]) {
            case "broker": {
                BrokerService broker = BrokerFactory.createBroker("broker:(tcp://" + host + ":61616,stomp://"
                    + host + ":61613)?persistent=false&useJmx=false&advisorySupport=false");
                broker.start();
                broker.waitUntilStopped();
                break;
            }
            case "queue": talk(host, "", false, s -> queue(s, false)); break;
            case "traced": talk(host, "", false, s -> queue(s, true)); break;
            case "loose": talk(host, "?wireFormat.tightEncodingEnabled=false", false, s -> queue(s, true)); break;
            case "uncached": talk(host, "?wireFormat.cacheEnabled=false", false, s -> queue(s, true)); break;
            case "topic": talk(host, "", true, s -> {
                Topic news = s.createTopic("news");
                MessageConsumer consumer = s.createConsumer(news);
                MessageProducer producer = s.createProducer(news);
                MapMessage map = s.createMapMessage();
                map.setString("a", "b");
                producer.send(map);
                BytesMessage bytes = s.createBytesMessage();
                bytes.writeBytes(new byte[12000]);
                producer.send(bytes);
                s.commit();
                consumer.receive(2000);
                consumer.receive(2000);
                s.rollback();
            }); break;
            case "errors": talk(host, "", false, s -> {
                try {
                    s.createConsumer(s.createQueue("orders"), "not a selector ((");
                } catch (JMSException e) {
                    // That is what this is for.
                }
                try {
                    s.unsubscribe("none");
                } catch (JMSException e) {
                    // And this.
                }
            }); break;
        }
        System.exit(0);
    }
}
