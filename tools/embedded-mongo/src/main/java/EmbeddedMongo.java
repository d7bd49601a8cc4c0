import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.backend.h2.WideUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.h2.mvstore.MVMap;

/** Serves the MongoDB wire protocol, one server a port, each from its own H2 file, on 127.0.0.1 or the address given: EmbeddedMongo [ADDRESS:]PORT=FILE ... */
public final class EmbeddedMongo {
    /** The Node driver (mongodb 7) refuses servers below wire version 9; the backend by itself reports 8 at most. */
    record Version(List<Integer> getVersionArray, int getWireVersion) implements MongoVersion {
        @Override
        public String toVersionString() {
            return "4.4.0";
        }
    }

    /** Writes each change to the file before it is acknowledged; H2 by itself does so once a second. */
    static final class DurableBackend extends H2Backend {
        private static final Set<String> WRITES = Set.of(
                "insert", "update", "delete", "findAndModify", "findandmodify", "create", "createIndexes",
                "drop", "dropDatabase", "dropIndexes", "renameCollection");

        private final AtomicLong applied = new AtomicLong();
        private long committed;

        DurableBackend(String file) {
            super(file);
            getMvStore().setRetentionTime(0); // reuse space at once, or the file grows by 30 KB a write
        }

        @Override
        protected MongoDatabase openOrCreateDatabase(String name) {
            return new H2Database(name, getMvStore(), getCursorRegistry()) {
                @Override
                protected MongoCollection<Object> openOrCreateCollection(String collection, CollectionOptions options) {
                    String namespace = getFullCollectionNamespace(collection);
                    MVMap.Builder<Object, Document> builder = new MVMap.Builder<Object, Document>().valueType(new DocumentType());
                    MVMap<Object, Document> documents = getMvStore().openMap("databases." + namespace, builder);
                    return new H2Collection(this, collection, options, documents, getMvStore().openMap("meta." + namespace), cursorRegistry) {
                        /** Each would be written once more, to be measured, at every change: only statistics tell the sizes, and nobody asks for them. */
                        @Override
                        protected boolean tracksDataSize() {
                            return false;
                        }

                        /** Copies: an update changes what it found in place, and a commit may be just writing that to the file. */
                        @Override
                        protected QueryResult queryDocuments(Document query, Document order, int skip, int limit, int batchSize,
                                Document fields) {
                            QueryResult page = PagesById.of(documents, query, order, skip, limit, fields);
                            if (page != null) return page;
                            QueryResult found = super.queryDocuments(query, order, skip, limit, batchSize, fields);
                            List<Document> copies = new ArrayList<>();
                            for (Document document : found) copies.add(document.clone());
                            return new QueryResult(copies, found.getCursorId());
                        }

                        @Override
                        protected QueryResult matchDocumentsFromStream(Document query, Stream<Document> all, int skip, int limit,
                                int batchSize, Comparator<Document> order, Document fields) {
                            if (order == null || limit <= 0) {
                                return super.matchDocumentsFromStream(query, all, skip, limit, batchSize, order, fields);
                            }
                            Stream<Document> matching = all.filter(document -> documentMatchesQuery(document, query));
                            Stream<Document> top = TopDocuments.of(matching, order, skip + limit);
                            return super.matchDocumentsFromStream(query, top, skip, limit, batchSize, order, fields);
                        }
                    };
                }

                @Override
                protected Index<Object> openOrCreateSecondaryIndex(String collection, String index, List<IndexKey> keys, boolean sparse) {
                    boolean isServed = sparse && keys.size() == 1 && !keys.get(0).getKey().contains(".");
                    return isServed ? new SparseIndex(index, keys) : super.openOrCreateSecondaryIndex(collection, index, keys, sparse);
                }

                @Override
                protected Index<Object> openOrCreateUniqueIndex(String collection, String index, List<IndexKey> keys, boolean sparse) {
                    String map = getFullCollectionNamespace(collection) + "._index_" + index;
                    MVMap.Builder<KeyValue, Object> builder = new MVMap.Builder<KeyValue, Object>().keyType(new IndexKeyType());
                    return new WideUniqueIndex(getMvStore().openMap(map, builder), index, keys, sparse);
                }
            };
        }

        @Override
        public Document handleMessage(MongoMessage message) {
            Document answer = super.handleMessage(message);
            String command = message.getDocument().keySet().iterator().next();
            if (WRITES.contains(command)) commitUpTo(applied.incrementAndGet());
            return answer;
        }

        /** One commit serves every change that was applied before it began. */
        private synchronized void commitUpTo(long change) {
            if (committed >= change) return;
            long upTo = applied.get();
            getMvStore().commit();
            committed = upTo;
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        List<MongoServer> servers = new ArrayList<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> servers.parallelStream().forEach(MongoServer::shutdownNow)));
        for (String argument : arguments) {
            try {
                servers.add(serve(argument));
            } catch (Exception failure) {
                System.err.println("embedded-mongo: cannot serve " + argument + ": " + failure.getMessage());
                System.exit(1);
            }
        }
        Thread.currentThread().join();
    }

    private static MongoServer serve(String portAndFile) throws Exception {
        String[] parts = portAndFile.split("=", 2);
        if (parts.length != 2) throw new IllegalArgumentException("expected [ADDRESS:]PORT=FILE");
        int colon = parts[0].lastIndexOf(':');
        String address = colon < 0 ? "127.0.0.1" : parts[0].substring(0, colon);
        int port = Integer.parseInt(parts[0].substring(colon + 1));
        MongoServer server = new MongoServer(new DurableBackend(parts[1]).version(new Version(List.of(4, 4, 0), 9)));
        server.bind(address, port);
        return server;
    }
}
